import { describe, expect, it } from 'vitest';
import { percentile, report, table } from '../../../bench/scale/figures.ts';
import { scaleOptions } from '../../../bench/scale/options.ts';
import { CpuMeter, memoryOf } from '../../../bench/scale/process-usage.ts';

describe('the options of `bench -- scale`', () => {
  it('are all modes and the sizes of the targets, unless others are given', () => {
    expect(scaleOptions([])).toMatchObject({
      modes: ['burst', 'steady', 'held', 'recovery', 'growth'],
      ...{ applications: 500, rate: 500, minutes: 10, running: 2000, sizes: [100, 500, 2000, 5000] },
    });
    expect(scaleOptions(['growth', 'burst', '--sizes', '5,10', '--applications', '7'])).toMatchObject({
      ...{ modes: ['growth', 'burst'], sizes: [5, 10], applications: 7 },
    });
  });

  it.each([
    [['bursts'], 'unknown mode "bursts"; known: burst, steady, held, recovery, growth'],
    [['--rate', '0'], '--rate must be a positive number, not "0"'],
    [['--sizes', '5,x'], '--sizes must be a positive number, not "x"'],
    [['--what'], "Unknown option '--what'"],
  ])('%j are rejected', (args, message) => {
    expect(() => scaleOptions(args)).toThrow(message);
  });
});

describe('the report of `bench -- scale`', () => {
  const figures = [
    { name: 'burst.perMinute', unit: '/min', values: [700, 690, 650] },
    { name: 'burst.ofCeiling', unit: '%', values: [81.25] },
    { name: 'burst.overOperator', unit: 'times', values: [] },
  ];
  const targets = [{ figure: 'burst.ofCeiling', least: 85 }];

  it('has the median, the spread and the target of each figure that was measured', () => {
    expect(report(figures, targets)).toEqual({
      'burst.perMinute': { unit: '/min', median: 690, spread: [650, 700], rounds: 3 },
      'burst.ofCeiling': { unit: '%', median: 81.3, spread: [81.3, 81.3], rounds: 1, target: 'at least 85' },
    });
  });

  it('is a table with one row a figure', () => {
    expect(table(report(figures, targets))).toEqual([
      '| figure          | median   | spread     | target      |',
      '| --------------- | -------- | ---------- | ----------- |',
      '| burst.perMinute | 690 /min | 650 to 700 |             |',
      '| burst.ofCeiling | 81.3 %   |            | at least 85 |',
    ]);
  });

  it('has percentiles that are values', () => {
    const values = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect([percentile(values, 50), percentile(values, 99), percentile(values, 100)]).toEqual([100, 198, 200]);
    expect(percentile([7], 1)).toBe(7);
  });
});

describe('the usage of processes', () => {
  it('is CPU time since the meter was made, and memory; a process that does not run is left out', () => {
    const processes = () => ({ own: process.pid, absent: undefined });
    const meter = new CpuMeter(processes);
    const before = process.cpuUsage().user;
    while (process.cpuUsage().user - before < 100_000) Math.sqrt(2);
    const { cpuMs } = meter.read();
    expect(Object.keys(cpuMs)).toEqual(['own']);
    // The kernel counts in ticks of 10 ms.
    expect(cpuMs['own']).toBeGreaterThanOrEqual(80);
    const { own } = memoryOf(processes, 'VmRSS');
    expect(own).toBeGreaterThan(10);
    expect(memoryOf(processes, 'VmHWM')['own']).toBeGreaterThanOrEqual(own!);
  });
});
