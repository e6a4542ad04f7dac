import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
let received: string;
const sockets: Socket[] = [];

beforeEach(async () => {
  received = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received += data;
    });
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.stop();
  echo.close();
  await once(echo, 'close');
});

async function connect(): Promise<Socket> {
  const socket = createConnection({ port: proxy.port, host: '127.0.0.1' });
  socket.setEncoding('utf8');
  sockets.push(socket);
  await once(socket, 'connect');
  await eventually(
    () => proxy.connections,
    (count) => count > 0,
  );
  return socket;
}

async function answerTo(socket: Socket, text: string): Promise<unknown> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return answer;
}

describe('a TCP proxy', () => {
  test('forwards in both directions and counts its connections', async () => {
    const [one, other] = [await connect(), await connect()];
    expect(await answerTo(one, 'hello')).toBe('hello');
    expect(await answerTo(other, 'there')).toBe('there');
    expect(proxy.connections).toBe(2);
    one.end();
    await eventually(
      () => proxy.connections,
      (count) => count === 1,
    );
  });

  test('drops what is connected and refuses what comes, when it is cut', async () => {
    const socket = await connect();
    const failed = once(socket, 'error');
    await proxy.cut();
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(proxy.connections).toBe(0);
    await expect(connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('serves on the same port again, when it is restored after a cut', async () => {
    const { port } = proxy;
    await proxy.cut();
    await proxy.cut();
    await proxy.restore();
    expect(proxy.port).toBe(port);
    expect(await answerTo(await connect(), 'back')).toBe('back');
  });

  test('holds back what is sent while it stalls, on old and new connections, and sends it when restored', async () => {
    const old = await connect();
    expect(await answerTo(old, 'before')).toBe('before');
    proxy.stall();
    const fresh = await connect();
    const answers = Promise.all([once(old, 'data'), once(fresh, 'data')]);
    await Promise.all([old, fresh].map((socket) => new Promise((sent) => socket.write('later', sent))));
    // A round trip past the proxy: had it forwarded, the words would be there by now.
    const direct = createConnection({ port: (echo.address() as AddressInfo).port, host: '127.0.0.1' });
    sockets.push(direct);
    direct.setEncoding('utf8');
    await answerTo(direct, 'direct');
    expect(received).toBe('beforedirect');
    expect([old.destroyed, fresh.destroyed]).toEqual([false, false]);

    await proxy.restore();
    expect((await answers).flat()).toEqual(['later', 'later']);
  });

  test('lets a connection that was stalled be cut', async () => {
    const socket = await connect();
    proxy.stall();
    const closed = once(socket, 'error');
    await proxy.cut();
    await closed;
    expect(proxy.connections).toBe(0);
  });

  test('ends a connection whose server ended it', async () => {
    echo.once('connection', (fresh) => fresh.end());
    const socket = await connect();
    socket.resume();
    await once(socket, 'close');
    await eventually(
      () => proxy.connections,
      (count) => count === 0,
    );
  });

  test('forwards everything once, however often it is restored', async () => {
    const socket = await connect();
    await proxy.restore();
    proxy.stall();
    await proxy.restore();
    await proxy.restore();
    expect(await answerTo(socket, 'a')).toBe('a');
    expect(await answerTo(socket, 'b')).toBe('b');
    expect(received).toBe('ab');
  });
});
