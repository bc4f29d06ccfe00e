import type { SparkConf } from '../spark-conf.ts';
import { containerMemory } from '../memory.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import type { Role } from './role.ts';

/**
 * The memory overhead (`…m`) that brings a role's container up to its `memoryLimit`.
 * Spark limits a container to exactly what it requests, so the limit rises only together with the request. (The
 * operator's webhook raises the limit alone.)
 *
 * @throws SubmissionRefused where the limit is less than Spark requests, which no API server accepts either
 */
export function overheadForMemoryLimit(
  memoryLimit: string,
  role: Role,
  conf: SparkConf,
  language: 'java' | 'python' | 'r',
  rules: SparkVersionRules,
): string {
  const { totalMib, overheadMib } = containerMemory(conf, role, language, rules);
  const missingMib = limitMib(memoryLimit) - totalMib;
  if (missingMib < 0) {
    refuseInvalid(
      `spec.${role}.memoryLimit`,
      `"${memoryLimit}" is less than the ${totalMib}Mi that Spark requests (memory and its overhead)`,
      `Raise it, or lower spec.${role}.memory or memoryOverhead.`,
    );
  }
  return `${overheadMib + missingMib}m`;
}

const powerByUnit: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** The operator's grammar: `2g`, `1.5g`, `2Gi`, all binary; a number alone is bytes. */
function limitMib(limit: string): number {
  const bytes = parseFloat(limit) * 1024 ** (powerByUnit[/[kmgtp]/i.exec(limit)?.[0].toLowerCase() ?? ''] ?? 0);
  return Math.trunc(bytes / 1024 ** 2);
}
