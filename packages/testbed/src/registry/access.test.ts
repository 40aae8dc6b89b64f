import { describe, expect, it } from '@jest/globals';
import { findAccount, grantedScopes, parseBasic, parseScopes } from './access.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('parseScopes', () => {
  it.each([
    { given: ['repository:o/api:pull'], read: [{ repository: 'o/api', actions: ['pull'] }] },
    { given: ['repository:o/api:pull,push'], read: [{ repository: 'o/api', actions: ['pull', 'push'] }] },
    { given: ['repository:o/api:*'], read: [{ repository: 'o/api', actions: ['pull', 'push', 'delete'] }] },
    { given: ['repository:host:5000/api:pull'], read: [{ repository: 'host:5000/api', actions: ['pull'] }] },
    { given: ['repository(plugin):o/api:pull'], read: [{ repository: 'o/api', actions: ['pull'] }] },
    {
      given: ['repository:a:pull repository:b:push', 'repository:c:delete'],
      read: [
        { repository: 'a', actions: ['pull'] },
        { repository: 'b', actions: ['push'] },
        { repository: 'c', actions: ['delete'] },
      ],
    },
    { given: ['registry:catalog:*', '', 'nonsense'], read: [] },
    { given: ['repository:o/api:fly'], read: [{ repository: 'o/api', actions: [] }] },
  ])('$given', ({ given, read }) => {
    expect(parseScopes(given)).toEqual(read);
  });
});

describe('parseBasic', () => {
  it.each([
    { header: basic('ci:secret'), read: { username: 'ci', password: 'secret' } },
    { header: basic('ci:with:colons'), read: { username: 'ci', password: 'with:colons' } },
    { header: basic(':'), read: { username: '', password: '' } },
    { header: `bAsIc ${Buffer.from('a:b').toString('base64')}`, read: { username: 'a', password: 'b' } },
    { header: basic('no colon'), read: undefined },
    { header: 'Bearer token', read: undefined },
    { header: undefined, read: undefined },
  ])('$header', ({ header, read }) => {
    expect(parseBasic(header)).toEqual(read);
  });
});

describe('grantedScopes', () => {
  const wanted = [{ repository: 'o/api', actions: ['pull', 'push'] }] as const;
  const account = { username: 'ci', password: 'secret' };

  it.each([
    { why: 'an account without patterns may do all', account, open: false, granted: ['pull', 'push'] },
    { why: 'no account, closed', account: undefined, open: false, granted: undefined },
    { why: 'no account, open to all', account: undefined, open: true, granted: ['pull'] },
    { why: 'no account, open by pattern', account: undefined, open: ['o/*'], granted: ['pull'] },
    { why: 'no account, open elsewhere', account: undefined, open: ['o/web', 'p/*'], granted: undefined },
    { why: 'an account that only pulls', account: { ...account, push: [] }, open: false, granted: ['pull'] },
    {
      why: 'an account that pulls elsewhere, open',
      account: { ...account, pull: [], push: [] },
      open: true,
      granted: ['pull'],
    },
  ])('$why', (given) => {
    const granted = grantedScopes({ anonymousPull: given.open }, given.account, wanted);
    expect(granted[0]?.actions).toEqual(given.granted);
  });
});

describe('findAccount', () => {
  it('takes any name where the account says so, and never another password', () => {
    const accounts = [{ username: '*', password: 'job-token' }];
    expect(findAccount(accounts, { username: 'whoever', password: 'job-token' })).toBe(accounts[0]);
    expect(findAccount(accounts, { username: 'whoever', password: 'other' })).toBeUndefined();
  });
});
