import { generate } from 'selfsigned';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A throw-away certificate authority, valid for a day. */
export async function createAuthority(commonName: string): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { certificate: made.cert, privateKey: made.private };
}

/** A server certificate for these DNS names, signed by the authority. */
export async function issueServerCertificate(
  authority: KeyPair,
  names: readonly [string, ...string[]],
): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: names[0] }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...validity(),
    ca: { cert: authority.certificate, key: authority.privateKey },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  return { certificate: made.cert, privateKey: made.private };
}

/** A self-signed RSA certificate to sign tokens with. */
export async function createTokenSigner(commonName: string): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: 'sha256',
    ...validity(),
  });
  return { certificate: made.cert, privateKey: made.private };
}

/** From an hour ago, so that a clock that is a little behind still accepts it. */
function validity() {
  const hour = 3_600_000;
  return { notBeforeDate: new Date(Date.now() - hour), notAfterDate: new Date(Date.now() + 24 * hour) };
}
