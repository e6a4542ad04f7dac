/** The tariff of the demo's converter, in hundredths of a cent: one dollar per project and fifty cents per MiB. */
const basePrice = 10_000n;
const pricePerMebibyte = 5_000n;

const bytesPerMebibyte = 1_048_576n;

/** The largest amount that a numeric(12, 4) column holds. */
const maxPrice = 999_999_999_999n;

/** What converting this many bytes costs, in US dollars with four decimals; whole arithmetic, so exact at any size. */
export function estimatedCostUsd(sizeBytes: bigint): string {
  const price = basePrice + (sizeBytes * pricePerMebibyte + bytesPerMebibyte - 1n) / bytesPerMebibyte;
  const digits = (price > maxPrice ? maxPrice : price).toString().padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
