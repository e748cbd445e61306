import type { Socket } from 'node:net';
import { fastify } from '../../src/vendor/fastify.js';
import type { FastifyInstance, FastifyReply, FastifyRequest } from '../../src/vendor/fastify.js';
import { InputError, messageOf } from '../../src/io/errors.js';
import type { Address } from './address.js';
import { hostName, isLoopback, sameSecret } from './address.js';
import { callerOf, limitConnections } from './callers.js';
import type { RateLimit } from './rateLimit.js';
import { createRateLimiter } from './rateLimit.js';

export interface ServerOptions extends Address {
  readonly rate: RateLimit;
  /** Largest body, bytes. */
  readonly bodyLimit: number;
  /** Time that a client has to send a whole request, ms. */
  readonly requestTimeoutMs?: number;
  readonly mostConnections?: number;
  /** Of those, held by one address. */
  readonly mostPerAddress?: number;
}

/** A refusal: an HTTP status, a sentence, and the field that is to blame if there is one. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const;

/** Requests of each caller that are refused for want of a token before they are refused for their number. */
const strangersRate: RateLimit = { perSecond: 10, burst: 100 };

/** A wait of the caller that shows in `Retry-After`, s. */
const retryAfterSeconds = 1;

/**
 * A fastify server with everything a page on loopback needs to be safe: bounded bodies, rates, connections (in all and of
 * one address) and waits; a
 * check of Host (a name that an attacker points at 127.0.0.1 is refused) and of the origin of what browsers send; a
 * token where one is demanded; headers that let a page load nothing from elsewhere. Errors are
 * `{error: {message, field?}}`, those of requests that are no HTTP too. Closing answers what is under way.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const { host, token, bodyLimit, requestTimeoutMs = 10_000, mostConnections = 512, mostPerAddress = 128 } = options;
  const server = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 5_000,
    forceCloseConnections: 'idle',
    // What comes over an open connection while the server closes is still answered.
    return503OnClosing: false,
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) => answerNoHttp(error.code, socket),
    frameworkErrors: (error, _request, reply) => void answer(asRefusal(error), reply),
    http: { requireHostHeader: false, headersTimeout: requestTimeoutMs, connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs), maxHeaderSize: 16_384 },
    routerOptions: { maxParamLength: 200 },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allErrors: false } },
  });
  server.server.maxConnections = mostConnections;
  limitConnections(server.server, mostPerAddress);
  // Only JSON is read: a form on another site can post text or form data without asking, but not JSON.
  server.removeContentTypeParser('text/plain');
  const allowed = createRateLimiter(options.rate);
  const strangers = createRateLimiter(strangersRate);

  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    // Who has no token must not use up the rate of one behind the same address who has.
    const limit = (within: typeof allowed): void => {
      if (within(callerOf(request.ip), performance.now())) return;
      reply.header('retry-after', retryAfterSeconds);
      throw new Refusal(429, 'Too many requests; wait a second.');
    };
    const known = token === null || hasToken(request, token);
    limit(known ? allowed : strangers);
    checkHost(request, host, token);
    checkOrigin(request);
    if (!known) await openOrRefuse(request, reply, token);
  });
  server.setNotFoundHandler((request) => {
    throw new Refusal(404, `There is no ${request.method} ${request.url.split('?')[0]!.slice(0, 200)}.`);
  });
  server.setErrorHandler((error, _request, reply) => {
    void answer(asRefusal(error), reply);
  });
  return server;
}

const bodyOf = ({ message, field }: Refusal) => ({ error: { message, ...(field === undefined ? {} : { field }) } });

const answer = (refusal: Refusal, reply: FastifyReply): FastifyReply => reply.headers(securityHeaders).code(refusal.statusCode).send(bodyOf(refusal));

/** Answers what is no request that a router could see, in the form of all answers, and closes. */
function answerNoHttp(code: string | undefined, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, refusal] =
    code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', new Refusal(431, 'The headers are too large.')]
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', new Refusal(408, 'The request took too long to come.')]
        : ['400 Bad Request', new Refusal(400, 'This is no HTTP request.')];
  const body = JSON.stringify(bodyOf(refusal));
  const headers = { ...securityHeaders, 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  socket.end(`HTTP/1.1 ${status}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof InputError) return new Refusal(422, error.message);
  const status = (error as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) return new Refusal(status, messageOf(error));
  process.stderr.write(`jouleflow: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return new Refusal(500, 'Something went wrong here; the terminal says what.');
}

/** On loopback without a token, whoever can make a browser call this name could read everything: only our own names will do. */
function checkHost(request: FastifyRequest, host: string, token: string | null): void {
  const name = hostName(request.headers.host);
  if (name === null) throw new Refusal(400, 'The Host header names no host.');
  if (token === null && !isLoopback(name) && name !== host.toLowerCase()) {
    throw new Refusal(403, `This server answers to localhost, not to ${name.slice(0, 100)}.`);
  }
}

/** Browsers say from where a request comes; programs say nothing, and need not. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const reads = request.method === 'GET' || request.method === 'HEAD';
  // A link from another site may open the page, but nothing else.
  const opens = reads && request.headers['sec-fetch-mode'] === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !opens) {
    throw new Refusal(403, 'Requests from other sites are refused.');
  }
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host) throw new Refusal(403, 'Requests from other origins are refused.');
}

const cookieNameOf = (request: FastifyRequest): string => `jouleflow-${request.socket.localPort ?? 0}`;

function hasToken(request: FastifyRequest, token: string): boolean {
  const cookieName = cookieNameOf(request);
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const cookie = (request.headers.cookie ?? '').split(/;\s*/).find((pair) => pair.startsWith(`${cookieName}=`));
  const given = bearer ?? cookie?.slice(cookieName.length + 1);
  return given !== undefined && sameSecret(given, token);
}

/** The printed address, which holds the token, opens the page; anything else is refused. */
async function openOrRefuse(request: FastifyRequest, reply: FastifyReply, token: string): Promise<void> {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const asked = searchParams.get('token');
  if (request.method === 'GET' && pathname === '/' && asked !== null && sameSecret(asked, token)) {
    // The address bar and the history keep no token.
    await reply.header('set-cookie', `${cookieNameOf(request)}=${token}; Path=/; HttpOnly; SameSite=Strict`).redirect('/', 303);
    return;
  }
  reply.header('www-authenticate', 'Bearer');
  throw new Refusal(401, 'A token is needed: open the address that the server printed, or send "Authorization: Bearer TOKEN".');
}
