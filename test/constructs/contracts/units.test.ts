import {
  byteSizeOf,
  formatByteSize,
  formatCpu,
  formatDuration,
  parseByteSize,
  parseCpu,
  parseDuration,
} from '../../../constructs/contracts/units';
import fc from '../../support/fuzz';

describe('parseByteSize', () => {
  test.each([
    ['16Gi', 16 * 2 ** 30],
    ['16G', 16e9],
    ['1.5Ti', 1.5 * 2 ** 40],
    ['500k', 500_000],
    ['4683073184', 4_683_073_184],
    [4_683_073_184, 4_683_073_184],
  ])('reads %p as %p bytes', (text, bytes) => {
    expect(parseByteSize(text)).toEqual({ ok: true, value: { text: String(text), bytes } });
  });

  test.each([
    ['16GB', 'did you mean 16Gi (16 × 2^30) or 16G (16 × 10^9)?'],
    ['16gb', 'did you mean 16Gi (16 × 2^30) or 16G (16 × 10^9)?'],
    ['16 Gi', 'did you mean 16Gi (16 × 2^30)?'],
    ['16GiB', 'did you mean 16Gi (16 × 2^30)?'],
    ['512m', 'did you mean 512Mi (512 × 2^20)?'],
    ['500K', 'did you mean 500Ki (500 × 2^10) or 500k (500 × 10^3)?'],
    [16, 'did you mean 16Gi or 16Mi?'],
    ['16', 'did you mean 16Gi or 16Mi?'],
    ['-1Gi', 'write a number and a unit, such as 16Gi or 500M'],
    [-5, 'write a number and a unit, such as 16Gi'],
    [Number.NaN, 'write a number and a unit, such as 16Gi'],
    [true, 'write a size such as 16Gi'],
    ['lots', 'write a number and a unit, such as 16Gi or 500M'],
  ])('refuses %p: %s', (input, mend) => {
    expect(parseByteSize(input)).toMatchObject({ ok: false, fault: { mend } });
  });

  test('reads what formatByteSize writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2 ** 20, max: 2 ** 52 }), (bytes) => {
        expect(parseByteSize(formatByteSize(bytes))).toMatchObject({ value: { bytes } });
      }),
    );
  });

  test('byteSizeOf rounds up to whole GiB', () => {
    expect(byteSizeOf(2 ** 30 + 1)).toEqual({ text: '2Gi', bytes: 2 ** 31 });
    expect(byteSizeOf(2 ** 40).text).toBe('1Ti');
  });
});

describe('parseDuration', () => {
  test.each([
    ['90s', 90],
    ['15m', 900],
    ['1h30m', 5400],
    ['250ms', 0.25],
    ['0s', 0],
  ])('reads %s as %p seconds', (text, seconds) => {
    expect(parseDuration(text)).toEqual({ ok: true, value: { text, seconds } });
  });

  test.each([
    [90, 'did you mean 90s or 90m?'],
    ['90', 'did you mean 90s or 90m?'],
    ['PT90S', 'write it as Kubernetes does: 90s'],
    ['P1DT1H', 'write it as Kubernetes does: 24h1h'],
    ['2d', 'did you mean 48h?'],
    ['5 minutes', 'write one such as 90s, 15m or 1h30m'],
    ['5min', 'did you mean 5m?'],
    ['5sec', 'did you mean 5s?'],
    ['soon', 'write one such as 90s, 15m or 1h30m'],
  ])('refuses %p: %s', (input, mend) => {
    expect(parseDuration(input)).toMatchObject({ ok: false, fault: { mend } });
  });

  test('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toMatchObject({ value: { seconds } });
      }),
    );
  });
});

describe('parseCpu', () => {
  test.each([
    ['500m', 0.5],
    [2, 2],
    ['1.5', 1.5],
    [0.25, 0.25],
  ])('reads %p as %p cores', (input, cores) => {
    expect(parseCpu(input)).toMatchObject({ ok: true, value: { cores } });
  });

  test.each([
    ['2 cores', 'did you mean 2 (cores) or 2m (thousandths)?'],
    ['4vCPU', 'did you mean 4 (cores) or 4m (thousandths)?'],
    [2000, 'did you mean 2000m (thousandths of a core)?'],
    [0, 'write cores, such as 2 or 500m'],
    ['0.0001', 'write cores, such as 2 or 500m'],
    [null, 'write cores, such as 2 or 500m'],
  ])('refuses %p: %s', (input, mend) => {
    expect(parseCpu(input)).toMatchObject({ ok: false, fault: { mend } });
  });

  test('formatCpu writes whole cores bare and parts as thousandths', () => {
    expect([formatCpu(2), formatCpu(0.5)]).toEqual(['2', '500m']);
  });
});
