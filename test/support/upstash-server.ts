import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient, RESP_TYPES } from 'redis';

/*
 * A service that speaks Upstash's REST protocol over a real Redis: POST / with a command as a JSON array, POST /pipeline and
 * /multi-exec with several, GET and POST /COMMAND/argument; {"result"} or {"error"}; a Bearer token; answers in base64 on
 * request. Source: https://upstash.com/docs/redis/features/restapi
 */

type Command = readonly (string | number)[];
type Outcome = { readonly result: unknown } | { readonly error: string };

/** Redis behind the service answers with an error. */
class RefusedError extends Error {}

function connectRedis(url: string) {
  // RESP2, as the service speaks it: no maps and no doubles.
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: () => 20 },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
}

/** The service, on a port of its own. */
export class UpstashServer {
  readonly token: string;
  readonly url: string;
  /** The commands that came, in lower case. */
  readonly commands: string[] = [];
  readonly #server: Server;
  readonly #redis: ReturnType<typeof connectRedis>;
  readonly #tellsRunId: boolean;
  #hanging = false;

  private constructor(
    server: Server,
    redis: ReturnType<typeof connectRedis>,
    options: { readonly token: string; readonly tellsRunId: boolean },
  ) {
    this.#server = server;
    this.#redis = redis;
    this.token = options.token;
    this.#tellsRunId = options.tellsRunId;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  /** @param options.tellsRunId whether INFO names the server, which the service is not bound to do. @default true */
  static async start(
    redisUrl: string,
    options: { readonly token?: string; readonly tellsRunId?: boolean } = {},
  ): Promise<UpstashServer> {
    const redis = connectRedis(redisUrl);
    redis.on('error', () => undefined);
    await redis.connect();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new UpstashServer(server, redis, { token: 'secret-token', tellsRunId: true, ...options });
  }

  /** From now on requests are taken and not answered. */
  hang(): void {
    this.#hanging = true;
  }

  resume(): void {
    this.#hanging = false;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    this.#redis.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.#hanging) return;
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      return answer(response, 401, { error: 'WRONGPASS invalid or missing auth token' });
    }
    const body = Buffer.concat(chunks).toString();
    const inBase64 = request.headers['upstash-encoding'] === 'base64';
    try {
      const path = (request.url ?? '/').split('?')[0] ?? '/';
      const reply = await this.#handle(path, body);
      answer(response, 200, encoded(reply, inBase64));
    } catch (error) {
      if (error instanceof RefusedError) answer(response, 400, { error: error.message });
      else answer(response, 500, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #handle(path: string, body: string): Promise<Outcome | readonly Outcome[]> {
    if (path === '/') return { result: await this.#run(JSON.parse(body) as Command) };
    if (path === '/pipeline') {
      const outcomes: Outcome[] = [];
      for (const command of JSON.parse(body) as Command[]) {
        outcomes.push(
          await this.#run(command).then(
            (result) => ({ result }),
            (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
          ),
        );
      }
      return outcomes;
    }
    if (path === '/multi-exec') {
      const commands = JSON.parse(body) as Command[];
      const multi = this.#redis.multi();
      for (const command of commands) multi.addCommand(command.map(String));
      const results: readonly unknown[] = await multi.exec();
      return results.map((result) => ({ result }));
    }
    const words = path.slice(1).split('/').map(decodeURIComponent);
    return { result: await this.#run(body === '' ? words : [...words, body]) };
  }

  async #run(command: Command): Promise<unknown> {
    const words = command.map(String);
    this.commands.push((words[0] ?? '').toLowerCase());
    try {
      const reply: unknown = await this.#redis.sendCommand(words);
      return words[0]?.toLowerCase() === 'info' && !this.#tellsRunId
        ? Buffer.from(String(reply).replaceAll(/^(run_id|uptime_in_seconds):.*$/gm, ''))
        : reply;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // What Redis says begins with its code; anything else is a failure of the way to it.
      if (/^[A-Z]+ /.test(message)) throw new RefusedError(message, { cause: error });
      throw error;
    }
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}

function encoded(outcome: Outcome | readonly Outcome[], inBase64: boolean): unknown {
  if (Array.isArray(outcome)) return outcome.map((one: Outcome) => encoded(one, inBase64));
  const one = outcome as Outcome;
  return 'result' in one ? { result: textOf(one.result, inBase64) } : one;
}

/** Bulk strings as text, or as base64; a simple string as it is. */
function textOf(value: unknown, inBase64: boolean): unknown {
  if (Buffer.isBuffer(value)) return value.toString(inBase64 ? 'base64' : 'utf8');
  return Array.isArray(value) ? value.map((inner) => textOf(inner, inBase64)) : value;
}
