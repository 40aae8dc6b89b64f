import { createHash } from 'node:crypto';
import { Refusal } from '../refusal.js';
import type { Answer } from '../rest/route.js';
import { type Router, runRoute } from '../rest/router.js';
import type { Caller } from '../state/tokens.js';
import type { World } from '../state/world.js';
import type { Validator } from '../validate/validator.js';

export interface RestCall {
  readonly method: string;
  /** Below the API's prefix. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly body: Buffer;
  readonly caller: Caller;
}

export interface RestResult extends Answer {
  readonly route: string;
}

/** Where the server keeps what a test must find empty. */
export interface Complaints {
  /** Requests for what the test bed does not have. */
  readonly unhandled: string[];
  /** Requests or answers against GitHub's published description. */
  readonly violations: string[];
}

const DOCUMENTATION = 'https://docs.github.com/rest';

export function refusalAnswer(refusal: Refusal): Answer {
  return {
    status: refusal.status,
    headers: refusal.headers,
    body: {
      message: refusal.message,
      ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
      documentation_url: DOCUMENTATION,
      status: String(refusal.status),
    },
  };
}

/** One REST call: routed, checked against the description both ways, answered. */
export async function serveRest(
  world: World,
  router: Router,
  validator: Validator,
  complaints: Complaints,
  call: RestCall,
): Promise<RestResult> {
  const match = router(call.method, call.path);
  if (match === undefined) {
    const what = `${call.method} ${call.path}`;
    complaints.unhandled.push(what);
    return { route: call.path, status: 501, body: { message: `not in the test bed: ${what}` } };
  }
  const { route, parameters } = match;
  const body = parseBody(call.body);
  const asked = validator.request(route.method, route.template, { parameters, query: call.query, body });
  if (asked.length > 0) {
    const what = `${route.method} ${call.path}`;
    complaints.violations.push(...asked.map((one) => `request ${what}: ${one}`));
    return {
      route: route.template,
      status: 422,
      body: { message: `Invalid request.\n\n${asked.join('\n')}`, errors: asked, documentation_url: DOCUMENTATION },
    };
  }
  const answer = await runRoute(route, {
    world,
    caller: call.caller,
    parameters,
    query: call.query,
    body: isRecord(body) ? body : {},
    path: call.path,
    authorization: call.authorization,
  }).catch((error: unknown) => {
    if (error instanceof Refusal) return refusalAnswer(error);
    throw error;
  });
  const plainBody = answer.body === undefined ? undefined : (JSON.parse(JSON.stringify(answer.body)) as unknown);
  const answered = validator.answer(route.method, route.template, answer.status, plainBody);
  if (answered.length > 0) {
    complaints.violations.push(
      ...answered.map((one) => `answer ${answer.status} to ${route.method} ${call.path}: ${one}`),
    );
    return {
      route: route.template,
      status: 500,
      body: { message: `the test bed's answer is not GitHub's: ${answered.join('; ')}` },
    };
  }
  return { ...conditional(call, answer), route: route.template };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return Symbol.for('unparsable');
  }
}

/** docs: best-practices-for-using-the-rest-api, "Use conditional requests": a GET's ETag, and 304 for it. */
function conditional(call: RestCall, answer: Answer): Answer {
  if (call.method !== 'GET' || answer.status !== 200) return answer;
  const digest = createHash('sha256').update(JSON.stringify(answer.body)).digest('hex');
  const etag = `W/"${digest}"`;
  const headers = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  const asked = (call.ifNoneMatch ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''));
  return asked.includes(`"${digest}"`) ? { status: 304, headers } : { ...answer, headers };
}
