import type { PipelineStage } from '../../manifest/index.ts';
import { render } from '../../manifest/pipeline/template.ts';

const MAX_ITEMS = 10_000;

/**
 * The items of a fan-out; undefined for another stage.
 *
 * @throws Error where its expression fails, gives something else than a list, or too long a list
 */
export function itemsOf(
  { forEach }: PipelineStage,
  evaluate: (expression: string) => unknown,
): readonly unknown[] | undefined {
  if (forEach === undefined) return undefined;
  const items =
    forEach.range === undefined ? render(forEach.items, evaluate) : rangeOf(render(forEach.range, evaluate));
  if (!Array.isArray(items)) throw new Error('forEach.items is not a list');
  if (items.length > MAX_ITEMS) throw new Error(`forEach has ${items.length} items; the limit is ${MAX_ITEMS}`);
  return items as unknown[];
}

function rangeOf({ from = 0, to, step = 1 }: { from?: unknown; to: unknown; step?: number }): number[] {
  const [first, last] = [Number(from), Number(to)];
  const length = Math.floor((last - first) / step) + 1;
  return Array.from({ length: Math.min(Math.max(length, 0), MAX_ITEMS + 1) }, (_, index) => first + index * step);
}
