/*
 * A Prisma generator that writes the DMMF as JSON into its output folder. Prisma speaks JSON-RPC with its generators, one
 * message a line: requests come on stdin, answers go to stderr.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (method === 'generate') write(params);
  const manifest = { prettyName: 'DMMF', defaultOutput: './dmmf' };
  const result = method === 'getManifest' ? { manifest } : null;
  process.stderr.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}

function write({ generator, dmmf }) {
  mkdirSync(generator.output.value, { recursive: true });
  writeFileSync(path.join(generator.output.value, 'dmmf.json'), JSON.stringify(dmmf));
}
