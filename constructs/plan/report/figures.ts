const GIB = 2 ** 30;
const TIB = 2 ** 40;

export const whole = (count: number) => Math.round(count).toLocaleString('en');

/** Memory and disks, in the unit that they are bought in. */
export function binary(bytes: number): string {
  if (bytes >= TIB) return `${short(bytes / TIB)} TiB`;
  return bytes >= GIB ? `${short(bytes / GIB)} GiB` : `${short(bytes / 2 ** 20)} MiB`;
}

/** Files, in the unit that they are offered in. */
export function decimal(bytes: number): string {
  return bytes >= 1e9 ? `${short(bytes / 1e9)} GB` : `${short(bytes / 1e6)} MB`;
}

export const rate = (bytesPerSecond: number) => `${short(bytesPerSecond / 2 ** 20)} MiB/s`;

/** A time that nobody needs more exactly: `24 s`, `7 min 30 s`, `1 h 12 min`. */
export function time(seconds: number): string {
  const rounded = Math.max(1, Math.round(seconds));
  if (rounded < 120) return `${rounded} s`;
  if (rounded < 3600) {
    const rest = rounded % 60;
    return `${Math.floor(rounded / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
  }
  const minutes = Math.round(rounded / 60) % 60;
  return `${Math.floor(Math.round(rounded / 60) / 60)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
}

/** Three digits at most, none of them a needless zero; whole numbers from a hundred on. */
export function short(number: number): string {
  return number >= 100 ? whole(number) : String(Number(number.toFixed(number >= 10 ? 1 : 2)));
}
