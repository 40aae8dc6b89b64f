import { describe, expect, it } from '@jest/globals';
import { gitEnvironment, gitOptions, tokenEnvironment } from './environment.js';

describe('gitEnvironment', () => {
  it('keeps the machine’s variables and none of Git’s but those of trust', () => {
    const given = {
      PATH: '/bin',
      HTTPS_PROXY: 'http://p',
      GIT_DIR: '/x',
      git_ssh: 'x',
      GIT_SSL_CAINFO: '/ca',
      GIT_CONFIG_COUNT: '9',
    };
    const env = gitEnvironment(given, { GIT_INDEX_FILE: 'i' });
    expect(env).toMatchObject({ PATH: '/bin', HTTPS_PROXY: 'http://p', GIT_SSL_CAINFO: '/ca', GIT_INDEX_FILE: 'i' });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['GIT_DIR']));
    expect(env).not.toHaveProperty('git_ssh');
    expect(env).not.toHaveProperty('GIT_CONFIG_COUNT');
  });
});

describe('tokenEnvironment', () => {
  it('is for one server, and takes another header away first', () => {
    const env = tokenEnvironment('https://github.example.com/path', 'secret');
    expect(env).toEqual({
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.https://github.example.com/.extraheader',
      GIT_CONFIG_VALUE_0: '',
      GIT_CONFIG_KEY_1: 'http.https://github.example.com/.extraheader',
      GIT_CONFIG_VALUE_1: `AUTHORIZATION: basic ${Buffer.from('x-access-token:secret').toString('base64')}`,
    });
    expect(gitOptions('/top').join(' ')).not.toContain('secret');
  });
});
