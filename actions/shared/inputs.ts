import { commonInputs, lines, text } from '@waybill/runtime';

/** What every action that reads a registry takes. */
export const registryInputs = {
  'registry-token': commonInputs['registry-token'],
  'registry-username': commonInputs['registry-username'],
  registry: text({
    description: 'The registry that `registry-token` belongs to, as references name it. It is sent to no other host.',
    default: 'ghcr.io',
    pattern: { matches: /^[A-Za-z0-9.-]+(:\d+)?$/, like: 'ghcr.io or registry.example.com:5000' },
  }),
  'insecure-registries': lines({
    description: 'Registries (`host[:port]`, one a line) that may be spoken to without TLS. Loopback may always.',
  }),
  'private-registries': lines({
    description:
      'Registries (`host[:port]`, one a line) allowed at private addresses, as self-hosted ones are. Others there are refused.',
  }),
  'registry-realms': lines({
    description:
      'Token services at another host than their registry, one a line: `registry.example.com=auth.example.com`. Without it, credentials go to the same host and to well-known pairs only.',
  }),
  'ghcr-token': {
    ...text({
      description:
        'GITHUB_TOKEN, for reading packages of ghcr.io when there is no other credential for it (needs `packages: read`). Sent to ghcr.io alone, and only on github.com.',
      default: githubToken(),
      secret: true,
    }),
    // Emptied by the caller: whoever wants to read anonymously may.
    absent: { ok: true, value: '' },
  },
} as const;

/** What every action that plans takes. */
export const pathInputs = {
  token: commonInputs.token,
  repository: commonInputs.repository,
  'dry-run': commonInputs['dry-run'],
  ...registryInputs,
} as const;

/** An expression that the runner evaluates. */
function githubToken(): string {
  return `\${{ github.token }}`;
}
