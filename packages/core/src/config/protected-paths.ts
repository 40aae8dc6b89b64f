import { globMatch, globWithin } from './glob.js';

/** Whoever may write these decides what runs or who answers: no Stage ever may. In lower case. */
const PROTECTED: readonly string[] = [
  '.github/**',
  '**/.git',
  '**/.git/**',
  '**/.gitmodules',
  '**/.gitattributes',
  '{codeowners,docs/codeowners}',
  'waybill*.{yaml,yml}',
];

/** Whether no Stage may ever write this path, whatever its globs say. */
export function isProtectedPath(path: string): boolean {
  return PROTECTED.some((pattern) => globMatch(pattern, path.toLowerCase()));
}

/** Whether all that a glob matches is protected, so that the glob can only be a mistake. */
export function isProtectedGlob(pattern: string): boolean {
  return globWithin(pattern.toLowerCase(), PROTECTED);
}
