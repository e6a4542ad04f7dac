/**
 * Every order in which the steps of several clients can follow one another, each client keeping its own order. An order
 * is the list of the clients, by index, whose turn it is.
 */
export function* interleavings(lengths: readonly number[]): Generator<readonly number[]> {
  if (lengths.every((length) => length === 0)) {
    yield [];
    return;
  }
  for (let client = 0; client < lengths.length; client += 1) {
    const length = lengths[client] ?? 0;
    if (length === 0) continue;
    const rest = lengths.map((other, index) => (index === client ? length - 1 : other));
    for (const order of interleavings(rest)) yield [client, ...order];
  }
}
