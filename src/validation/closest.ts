/** The candidate that is most similar to a word, if one is similar enough to be what the user meant. Ignores case. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  const wantedLetters = lettersOf(wanted);
  let best: string | undefined;
  // A third of the letters may differ, but never all.
  let bestDistance = Math.min(Math.ceil(wanted.length / 3), 4) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= bestDistance) continue;
    const compared = candidate.toLowerCase();
    // One edit removes a letter and adds another at most; to count those is far cheaper than the distance.
    if (bitsOf(wantedLetters ^ lettersOf(compared)) > 2 * (bestDistance - 1)) continue;
    const distance = editDistance(wanted, compared);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** The remedy for an unknown word, where one of the candidates is similar enough. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const suggestion = closest(word, candidates);
  return suggestion === undefined ? undefined : `did you mean "${suggestion}"?`;
}

/** The letters that a word has, a bit each; some characters share one. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let index = 0; index < word.length; index++) letters |= 1 << (word.charCodeAt(index) & 31);
  return letters;
}

function bitsOf(number: number): number {
  let bits = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) bits += 1;
  return bits;
}

/** Levenshtein's distance: insertions, deletions and substitutions that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
