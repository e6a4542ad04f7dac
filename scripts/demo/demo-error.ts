/** The demo cannot go on for a reason that its user can remove; the message says all there is to say. */
export class DemoError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DemoError';
  }
}
