import { describe, expect, it } from '@jest/globals';
import { normChart, normGit, normImage } from './urls.js';

describe('normGit (the cases of kargo, pkg/urls/git_test.go)', () => {
  it.each([
    'https://not a url',
    'http://github.com/example/repo?foo=bar',
    'ssh://github.com/example/repo?foo=bar',
    'not even remotely a url',
    'https://github.com /example/repo',
    'https://github.com/example%20repo',
    'https://github.com/example%zz',
    '',
  ])('leaves %j alone', (url) => {
    expect(normGit(url)).toBe(url);
  });

  it.each(['', '/', '.git', '.git/'])('drops the end %j', (end) => {
    expect(normGit(`https://github.com/example/repo${end}`)).toBe('https://github.com/example/repo');
    expect(normGit(`https://user:secret@localhost:8443/example/repo${end}`)).toBe(
      'https://localhost:8443/example/repo',
    );
    expect(normGit(`ssh://git@localhost:2222/example/repo${end}`)).toBe('ssh://git@localhost:2222/example/repo');
    expect(normGit(`git@github.com:example/repo${end}`)).toBe('ssh://git@github.com/example/repo');
    expect(normGit(`github.com:example/repo${end}`)).toBe('ssh://github.com/example/repo');
  });

  it.each([
    ['https://github.com/', 'https://github.com'],
    ['https://foo:bar@github.com', 'https://github.com'],
    ['git@git.example.com', 'ssh://git@git.example.com'],
    ['foo', 'ssh://foo'],
    ['https://GitHub.com/Example/Repo.git', 'https://github.com/example/repo'],
    [' \ufeffhttps://github.com/example/repo\u00a0', 'https://github.com/example/repo'],
    ['\u200bssh://github.com/example/repo\r\n', 'ssh://github.com/example/repo'],
  ])('makes %j %j', (url, expected) => {
    expect(normGit(url)).toBe(expected);
  });
});

describe('normImage (pkg/urls/image_test.go)', () => {
  it.each([
    ['index.docker.io/library/busybox', 'busybox'],
    ['registry-1.docker.io/busybox', 'busybox'],
    ['docker.io/library/busybox', 'busybox'],
    ['library/busybox', 'busybox'],
    ['busybox', 'busybox'],
    ['docker.io/example/repo', 'example/repo'],
    ['ghcr.io/Example/repo', 'ghcr.io/example/repo'],
    ['quay.io/library/repo', 'quay.io/library/repo'],
    ['localhost:5000/repo', 'localhost:5000/repo'],
    ['ghcr.io/example/repo:1.2', 'ghcr.io/example/repo'],
    ['docker.io/example%20repo', 'examplerepo'],
    ['\ufeffdocker.io/example /repo ', 'example/repo'],
  ])('makes %j %j', (url, expected) => {
    expect(normImage(url)).toBe(expected);
  });
});

describe('normChart (pkg/urls/helm_test.go)', () => {
  it.each([
    ['', ''],
    ['  REpo  ', 'repo'],
    ['  OCI://Repo', 'repo'],
    ['oci://docker.io/example/repo', 'example/repo'],
    ['index.docker.io/example/repo', 'example/repo'],
    ['https://charts.example.com/stable', 'https://charts.example.com/stable'],
  ])('makes %j %j', (url, expected) => {
    expect(normChart(url)).toBe(expected);
  });
});
