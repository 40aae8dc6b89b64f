import { describe, expect, it } from '@jest/globals';
import { type CommitNode, toCommit } from './snapshot.js';

function authorOf(author: CommitNode['author'], url = 'https://github.com/o/r/commit/c'): string {
  return toCommit({
    oid: 'c',
    message: '',
    committedDate: '2026-11-20T00:00:00Z',
    url,
    tree: { oid: 't' },
    parents: { nodes: [] },
    author,
    signature: null,
  }).author;
}

const GHES = 'https://github.example.com/o/r/commit/c';

describe("a commit's author", () => {
  it.each<[string, CommitNode['author'], string]>([
    ['a person', { name: 'Ada', email: 'ada@example.com', user: { login: 'ada' } }, 'ada'],
    ['an App', by('1+waybill[bot]@users.noreply.github.com', 'waybill[bot]'), 'waybill[bot]'],
    [
      'an App whose login GitHub gives as an Actor’s',
      by('1+waybill[bot]@users.noreply.github.com', 'waybill'),
      'waybill[bot]',
    ],
    ['an App that GitHub links to nobody', by('1+waybill[bot]@users.noreply.github.com'), 'waybill[bot]'],
    ['a person who is called as an App is', by('2+waybill@users.noreply.github.com', 'waybill'), 'waybill'],
    ['a person with that address whom GitHub links to nobody', by('2+waybill@users.noreply.github.com'), 'waybill'],
    [
      'an address at a host that is like it',
      by('1+waybill[bot]@users.noreply.github.com.evil.example'),
      'x (unlinked)',
    ],
    ['an address at another host', by('1+waybill[bot]@users.noreply.evil.example'), 'x (unlinked)'],
    ['an address at another host, linked', by('1+waybill[bot]@users.noreply.evil.example', 'eve'), 'eve'],
    ['a name that is like a login', { name: 'waybill[bot]', email: '', user: null }, 'waybill[bot] (unlinked)'],
    ['nobody', null, 'unknown'],
  ])('is %s', (_, author, login) => {
    expect(authorOf(author)).toBe(login);
  });

  it('has the addresses of GitHub Enterprise Server on its own host', () => {
    expect(authorOf(by('1+waybill[bot]@users.noreply.github.example.com'), GHES)).toBe('waybill[bot]');
    expect(authorOf(by('1+waybill[bot]@users.noreply.other.example.com'), GHES)).toBe('x (unlinked)');
  });
});

function by(email: string, login?: string): CommitNode['author'] {
  return { name: 'x', email, user: login === undefined ? null : { login } };
}
