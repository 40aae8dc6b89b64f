/**
 * Whether a request for an address goes through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, each for
 * its own scheme: lower-case names first, `host[:port]` entries, a leading dot or star for
 * everything below, a lone star for everything.
 */
export function proxiedBy(env: Readonly<Record<string, string | undefined>>): (url: URL) => boolean {
  const httpProxy = env.http_proxy || env.HTTP_PROXY || '';
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || '';
  const noProxy = (env.no_proxy || env.NO_PROXY || '')
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '');
  return (url) => {
    const https = url.protocol === 'https:';
    if ((https ? httpsProxy : httpProxy) === '') return false;
    const port = url.port || (https ? '443' : '80');
    return !noProxy.some((entry) => isExempt(entry, url.hostname, port));
  };
}

function isExempt(entry: string, hostname: string, port: string): boolean {
  if (entry === '*') return true;
  const [, name = entry, onlyPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  return /^[.*]/.test(name) ? hostname.endsWith(name.replace(/^\*/, '')) : hostname === name;
}
