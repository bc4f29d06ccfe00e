const FACTORS: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** A quantity of Kubernetes (`500m`, `4Gi`, `1e3`) as a number of its base unit: cores, bytes, pieces. 0 for none. */
export function quantity(text: string | number | undefined): number {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(String(text ?? '').trim());
  if (match === null) return 0;
  return Number(match[1]) * FACTORS[match[2] ?? '']!;
}

/** As text for users: `3.5`, `24Gi`. */
export function formatQuantity(resource: string, amount: number): string {
  if (!/memory|storage|hugepages/.test(resource)) return String(round(amount));
  const unit = (['Ti', 'Gi', 'Mi'] as const).find((each) => amount >= FACTORS[each]!) ?? 'Ki';
  return `${round(amount / FACTORS[unit]!)}${unit}`;
}

const round = (amount: number): number => Math.round(amount * 100) / 100;
