import type { SparkSubmission } from '../../spark/index.ts';

/** Keys whose values Spark itself hides (`spark.redaction.regex`), and the driver's environment. */
const SECRET_KEY =
  /secret|password|token|credential|access[.]?key|^spark\.kubernetes\.driverEnv\.|^spark\.executorEnv\./i;
/** Shorter ones would take half of the text with them, and are not secrets. */
const SHORTEST = 4;
const TEXT_LIMIT = 1_500;

/** The end of an output, without values that may be secret: those of such keys, and the application's arguments. */
export function redacted(text: string, { conf, arguments: args }: Pick<SparkSubmission, 'conf' | 'arguments'>): string {
  const values = Object.entries(conf).flatMap(([key, value]) => (SECRET_KEY.test(key) ? [value] : []));
  return [...values, ...args]
    .filter((value) => value.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
    .reduce((clean, value) => clean.replaceAll(value, '*****'), text)
    .split('\n')
    .filter((line) => !/^\s+at |^\s*\.\.\. \d+ more| (INFO|WARN) |^WARNING: /.test(line))
    .join('\n')
    .trim()
    .slice(-TEXT_LIMIT);
}
