import { describe, expect, it } from '@jest/globals';
import { guessFirstParty, ownerOf, type Use } from './first-party.js';

function uses(...lines: readonly string[]): readonly Use[] {
  return lines.map((line) => {
    const [repository = '', environment] = line.split(' ');
    return { repository, environment };
  });
}

describe('ownerOf', () => {
  it.each([
    ['ghcr.io/o/api', 'ghcr.io/o'],
    ['quay.io/o/group/api', 'quay.io/o'],
    ['docker.io/bitnami/redis', 'docker.io/bitnami'],
    ['docker.io/library/redis', undefined],
    ['europe-west1-docker.pkg.dev/project/repo/api', 'europe-west1-docker.pkg.dev/project'],
    ['registry.example.com/team/api', 'registry.example.com'],
    ['localhost:5000/api', 'localhost:5000'],
    ['registry.k8s.io/pause', undefined],
    ['mcr.microsoft.com/dotnet/runtime', undefined],
  ])('%s → %s', (repository, owner) => {
    expect(ownerOf(repository)).toBe(owner);
  });
});

describe('guessFirstParty', () => {
  it('prefers whom every environment refers to, then the most repositories', () => {
    const all = uses(
      'ghcr.io/us/api dev',
      'ghcr.io/us/web dev',
      'ghcr.io/us/api prod',
      'docker.io/bitnami/a dev',
      'docker.io/bitnami/b dev',
      'docker.io/bitnami/c dev',
      'quay.io/them/x dev',
      'quay.io/them/x prod',
    );
    expect(guessFirstParty(all).map(({ glob, repositories }) => `${glob} ${repositories}`)).toEqual([
      'ghcr.io/us/* 2',
      'quay.io/them/* 1',
      'docker.io/bitnami/* 3',
    ]);
  });

  it("prefers the namesake of the repository's owner, if every environment refers to it", () => {
    const all = uses('ghcr.io/us/api dev', 'docker.io/bitnami/a dev', 'docker.io/bitnami/b dev');
    expect(guessFirstParty(all, 'US')[0]?.glob).toBe('ghcr.io/us/*');
    expect(guessFirstParty([...all, ...uses('docker.io/bitnami/a prod')], 'us')[0]?.glob).toBe('docker.io/bitnami/*');
  });

  it('covers nested repositories', () => {
    expect(guessFirstParty(uses('ghcr.io/us/group/api dev'))[0]?.glob).toBe('ghcr.io/us/**');
  });

  it('leaves out whom only shared files refer to', () => {
    expect(guessFirstParty(uses('ghcr.io/us/api'))).toEqual([]);
  });
});
