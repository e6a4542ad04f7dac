/** Told what comes through a channel. */
export interface ChannelListener {
  /** Called in the order in which the messages were published. */
  onMessage(channel: string, message: string): void;
  /** Messages may be missing from now on, until one comes again. */
  onLost(): void;
}

/** How the processes that share a store hear of one another. What the store's scripts publish comes through it too. */
export interface FleetChannel {
  publish(channel: string, message: string): Promise<unknown>;
  /** Subscribes, now and whenever the connection was lost. */
  listen(channels: readonly string[], listener: ChannelListener): void;
}
