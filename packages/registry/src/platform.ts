import type { Platform } from './manifest.js';

/** `os/arch[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`;
  return platform.variant === undefined ? base : `${base}/${platform.variant}`;
}

/**
 * The required platforms that none of `present` is. Without a variant any variant will do; with one it has to be
 * that one, where `arm64` is `arm64/v8`, `arm` is `arm/v7` and `amd64` is `amd64/v1`, as containerd reads them.
 */
export function missingPlatforms(required: readonly string[], present: readonly string[]): readonly string[] {
  if (required.length === 0) return [];
  const there = present.map(normalise);
  return required.filter((platform) => {
    const wanted = normalise(platform);
    return !there.some(
      (one) =>
        one.os === wanted.os &&
        one.architecture === wanted.architecture &&
        (!wanted.exact || one.variant === wanted.variant),
    );
  });
}

interface NormalPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  /** The variant was written out. */
  readonly exact: boolean;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
]);
const DEFAULT_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['arm', 'v7'],
  ['amd64', 'v1'],
]);

function normalise(platform: string): NormalPlatform {
  const [os = '', written = '', variant = ''] = platform.trim().toLowerCase().split('/');
  const architecture = ARCHITECTURES.get(written) ?? written;
  const exact = variant !== '';
  return { os, architecture, exact, variant: exact ? variant : (DEFAULT_VARIANTS.get(architecture) ?? '') };
}
