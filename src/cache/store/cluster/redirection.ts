/** What a server of a cluster says instead of doing what it was asked. */
export type Redirection =
  /** The slot is another server's, for good. */
  | { readonly kind: 'moved'; readonly slot: number; readonly address: string }
  /** Another server is taking the slot over, and has what was asked for if anybody has. */
  | { readonly kind: 'ask'; readonly address: string }
  /** Of several keys some have gone to another server already, others have not. */
  | { readonly kind: 'unstable' };

/** Null for any other error. `host`: of who said it, which may leave out its own. */
export function redirectionIn(error: unknown, host: string): Redirection | null {
  if (!(error instanceof Error)) return null;
  const [word, slot, address] = error.message.split(' ');
  if (word === 'TRYAGAIN') return { kind: 'unstable' };
  if (address === undefined) return null;
  const full = /^:\d+$/.test(address) ? host + address : address;
  if (word === 'MOVED') return { kind: 'moved', slot: Number(slot), address: full };
  return word === 'ASK' ? { kind: 'ask', address: full } : null;
}

/** The host of `host:port`. */
export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}
