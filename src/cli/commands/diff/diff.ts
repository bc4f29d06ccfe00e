import { ExitCode } from '../../exit-code.ts';
import type { OutputFlags, PruneFlags } from '../../flags.ts';
import { printable } from '../../output/printable.ts';
import { diffSubmitters, type ApplicationDiff, type ObjectDifference } from './diff-submitters.ts';
import { findApplications } from './find-applications.ts';

export interface DiffFlags extends OutputFlags, PruneFlags {
  readonly from: string;
  readonly to: string;
  readonly submittersFile?: string;
  readonly sparkHome?: string;
  readonly allow?: readonly string[];
  readonly showIntended?: boolean;
}

/** Prints where two submitters would create different objects. Exit code 1 where an application differs or is rejected. */
export async function diff(paths: readonly string[], flags: DiffFlags): Promise<ExitCode> {
  const { from, to, output, showIntended = false } = flags;
  const { applications, skipped } = await findApplications(paths, flags);
  const diffs: ApplicationDiff[] = [];
  for await (const each of diffSubmitters(applications, flags)) {
    diffs.push(each);
    if (output === 'text') console.log(printable(text(each, from, to, showIntended)));
  }
  const count = (result: ApplicationDiff['result']) => diffs.filter((each) => each.result === result).length;
  const counts = { same: count('same'), different: count('different'), refused: count('refused') };
  if (output === 'json') console.log(JSON.stringify({ from, to, counts, applications: diffs, skipped }));
  else {
    for (const each of skipped) console.log(printable(`skipped    ${each}`));
    console.log(
      `${diffs.length} application${diffs.length === 1 ? '' : 's'}, ${from} to ${to}: ${counts.same} the same, ${counts.different} different, ${counts.refused} refused`,
    );
  }
  return counts.same === diffs.length ? ExitCode.Ok : ExitCode.Failed;
}

function text(diff: ApplicationDiff, from: string, to: string, showIntended: boolean): string {
  const { application, result, differences, intended, refused, note } = diff;
  const width = Math.max(from.length, to.length) + 2;
  const sides = (each: ObjectDifference) =>
    [
      [from, each.from],
      [to, each.to],
    ].map(
      ([name, value]) =>
        `      ${`${name as string}:`.padEnd(width)}${value === undefined ? 'nothing' : JSON.stringify(value)}`,
    );
  const counted = intended.length === 0 || showIntended ? '' : `  (${intended.length} intended differences)`;
  return [
    `${result.padEnd(11)}${application}${result === 'refused' ? '' : counted}`,
    ...(note === undefined ? [] : [`    ${note}`]),
    ...Object.entries(refused).map(([name, why]) => `    ${name} rejects it: ${why}`),
    ...differences.flatMap((each) => [`    ${each.object} ${each.path}`, ...sides(each)]),
    ...(showIntended
      ? intended.flatMap((each) => [`    ${each.object} ${each.path}, intended: ${each.reason}`, ...sides(each)])
      : []),
  ].join('\n');
}
