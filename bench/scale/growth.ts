import { cpuFigures, oneBurst, type Burst } from './burst.ts';
import type { Figure } from './figures.ts';
import type { ScaleOptions } from './options.ts';
import type { ScaleLab } from './scale-lab.ts';

const WARM_UP = 50;

/** Bursts of growing size on one system: whether an application costs more where there are many. */
export async function growth(scale: ScaleLab, { sizes }: ScaleOptions): Promise<Figure[]> {
  await oneBurst(scale, WARM_UP);
  const bursts: Burst[] = [];
  for (const size of sizes) {
    bursts.push(await oneBurst(scale, size));
    console.error(`  ${size}: ${bursts.at(-1)!.perMinute.toFixed(0)} applications a minute`);
  }
  const totals = bursts.map(({ cpuMs }) => Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0));
  return [
    ...bursts.flatMap((each, index) => [
      { name: `growth.${sizes[index]}.perMinute`, unit: '/min', values: [each.perMinute] },
      ...cpuFigures(`growth.${sizes[index]}.cpu`, [each]),
      { name: `growth.${sizes[index]}.failed`, unit: '', values: [each.failed] },
      { name: `growth.${sizes[index]}.lost`, unit: '', values: [each.lost] },
      { name: `growth.${sizes[index]}.doubled`, unit: '', values: [each.doubled] },
    ]),
    { name: 'growth.lastOverFirst', unit: 'times', values: [totals.at(-1)! / totals[0]!] },
  ];
}
