const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1234567 as "1,234,567". */
export function formatCount(count: number): string {
  return wholeNumber.format(count);
}

/** "1 row", "2,000 rows". */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A share between 0 and 1 as "97.3 %"; never rounded up to a full 100 % that it is not. */
export function formatShare(share: number): string {
  const tenths = share < 1 ? Math.min(Math.round(share * 1000), 999) : 1000;
  return `${(tenths / 10).toFixed(1)} %`;
}

/** Milliseconds with three significant digits below a second, as "0.042 ms", "1.37 ms" or "128 ms". */
export function formatMs(milliseconds: number): string {
  const decimals = milliseconds < 0.9995 ? 3 : milliseconds < 9.995 ? 2 : milliseconds < 99.95 ? 1 : 0;
  return `${new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(milliseconds)} ms`;
}

/** Milliseconds as seconds with one decimal: "2.4 s". */
export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Bytes in the largest binary unit that leaves at least one: "612 MiB". */
export function formatBytes(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let amount = Number(bytes);
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? amount.toFixed(0) : amount.toFixed(1)} ${units[unit]}`;
}
