/**
 * Why this Node does not run temporal-spark; undefined where it does.
 *
 * @param range of package.json, in the form `>=22.19`
 */
export function nodeProblem(range: string, running: string): string | undefined {
  const needed = range.replace('>=', '');
  const [major = 0, minor = 0] = needed.split('.').map(Number);
  const [itsMajor = 0, itsMinor = 0] = running.split('.').map(Number);
  if (itsMajor > major || (itsMajor === major && itsMinor >= minor)) return undefined;
  return `temporal-spark needs Node.js ${needed} or newer; this is ${running}. Install a newer version: https://nodejs.org`;
}
