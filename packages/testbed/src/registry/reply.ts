/** An answer as data: what a route gives back, before faults have their way with it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const EMPTY = new Uint8Array(0);

export function emptyReply(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: EMPTY };
}

export function bytesReply(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): Reply {
  return { status, headers, body };
}

export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: new TextEncoder().encode(`${JSON.stringify(value)}\n`),
  };
}

/** Error codes of the distribution spec, "Error Codes", and the status each usually comes with. */
const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 404,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
} as const;

type OciErrorCode = keyof typeof STATUS;

interface ErrorReplyOptions {
  /** Instead of the code's usual status. */
  readonly status?: number;
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error with the JSON body that the distribution spec describes. */
export function errorReply(code: OciErrorCode, message: string, options: ErrorReplyOptions = {}): Reply {
  const { status = STATUS[code], detail, headers = {} } = options;
  return jsonReply(status, { errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] }, headers);
}
