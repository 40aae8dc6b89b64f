import { expect, it } from '@jest/globals';
import { findTool, optionalServerAbsent } from './tools.js';

it('finds a program on PATH, and names those that are not there', () => {
  expect(findTool('sh')).toMatch(/\/sh$/);
  expect(findTool('no-such-program')).toBeUndefined();
  expect(optionalServerAbsent('sh')).toBeUndefined();
  expect(optionalServerAbsent('sh', 'no-such-program', 'nor-this')).toBe(
    'optional server absent: no-such-program, nor-this',
  );
});
