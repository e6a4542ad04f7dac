import { createConnection } from 'node:net';

/**
 * Sends one command to a Redis server on 127.0.0.1 and resolves with its reply, a simple or bulk string. Needs no
 * client: the servers are started before the library under test is loaded.
 */
export function askRedis(port: number, command: string, timeoutMs = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let reply = '';
    const timer = setTimeout(
      () => socket.destroy(new Error(`No reply to ${command} in ${timeoutMs} ms.`)),
      timeoutMs,
    );
    socket.setEncoding('utf8');
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`The connection closed before a reply to ${command}.`));
    });
    socket.on('data', (chunk: string) => {
      reply += chunk;
      const value = parseReply(reply);
      if (value === null) return;
      if (value instanceof Error) reject(value);
      else resolve(value);
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}

/** The value of a reply, an error it reports, or null while it is not complete. */
function parseReply(reply: string): string | Error | null {
  const lineEnd = reply.indexOf('\r\n');
  if (lineEnd < 0) return null;
  const line = reply.slice(1, lineEnd);
  if (reply.startsWith('+')) return line;
  if (reply.startsWith('-')) return new Error(line);
  if (!reply.startsWith('$')) return new Error(`A reply of an unexpected kind: ${reply.slice(0, 80)}`);
  if (line === '-1') return new Error('The reply is nil.');
  const start = lineEnd + 2;
  // Lengths count bytes, and what is asked for here is ASCII.
  return reply.length < start + Number(line) + 2 ? null : reply.slice(start, start + Number(line));
}
