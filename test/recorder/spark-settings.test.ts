import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sparkHome } from '../../lab/spark-home.ts';
import { askSettings } from '../../scripts/spark-settings/ask-settings.ts';
import { settingOf } from '../../src/spark/settings/refuse-settings.ts';
import { answersFile, questions, type Answers } from '../support/spark-settings.ts';

const recorded = JSON.parse(readFileSync(answersFile, 'utf8')) as Answers;

// Those that other tests need as well; the rest by `node scripts/spark-settings.ts`.
it.each(['3.5.9', '4.1.4'])('Spark %s still reads its settings as recorded', async (version) => {
  const minor = version.split('.').slice(0, 2).join('.');
  const answers = await askSettings(await sparkHome(version), [...questions, 'list']);
  expect(Object.fromEntries(questions.map((question, at) => [question, answers[at]]))).toEqual(recorded[minor]);
  const wrong = answers.slice(questions.length, -1).filter((line) => {
    const [key = '', kind, unit, least, most, start] = line.split('\t');
    const { versions: _versions, ...known } = settingOf(key, minor) ?? { versions: [] };
    const ours = 'kind' in known ? [known.kind, known.unit, known.least ?? '', known.most ?? ''].join() : '';
    return ours !== (start === 'start' ? [kind, unit, least, most].join() : '');
  });
  expect(wrong).toEqual([]);
});
