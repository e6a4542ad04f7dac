import type { GeneratorInput } from './generator-input.js';
import { parseRequest } from './parse-request.js';

/** What a generator says of itself. */
export interface GeneratorManifest {
  /** What `prisma generate` calls it when it has run. */
  readonly prettyName: string;
  /** Where it writes if its block does not say; relative to the schema. */
  readonly defaultOutput: string;
}

/**
 * Speaks with `prisma generate`, which starts its generators as processes of their own: JSON-RPC, one message a line.
 * Requests come on stdin, answers go to stderr; what is printed there besides, Prisma takes for the reason of a failure.
 */
export function serveGenerator(manifest: GeneratorManifest, run: (input: GeneratorInput) => unknown): void {
  let chunks: Buffer[] = [];
  process.stdin.on('data', (chunk: Buffer) => {
    // A request may have many megabytes. Until its end has come, nothing is copied.
    for (let rest = chunk; rest.length > 0; ) {
      const end = rest.indexOf('\n');
      chunks.push(end < 0 ? rest : rest.subarray(0, end));
      if (end < 0) return;
      answer(Buffer.concat(chunks));
      chunks = [];
      rest = rest.subarray(end + 1);
    }
  });

  function answer(request: Buffer): void {
    const { id, method, params } = parseRequest(request);
    const outcome = method === 'getManifest' ? { result: { manifest } } : outcomeOf(params);
    process.stderr.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\n`);
  }

  function outcomeOf(params: unknown): object {
    try {
      run(params as GeneratorInput);
      return { result: null };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Prisma shows the message alone. A mistake of the generator's own is worth its stack.
      const isMistake = error instanceof Error && !('code' in error);
      return { error: { code: -32_000, message: isMistake ? (error.stack ?? message) : message } };
    }
  }
}
