import { randomBytes } from 'node:crypto';

/** A value that no epoch has had before: 96 random bits in 16 characters. */
export function newEpoch(): string {
  return randomBytes(12).toString('base64url');
}
