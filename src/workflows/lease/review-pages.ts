import { patched } from '@temporalio/workflow';
import { jsonBytes } from '../../manifest/size.ts';

/** Bytes of JSON: Temporal takes 2 MiB as the input of an activity, which has a minute to look at all of it. */
const PAGE_LIMIT = 250_000;

/**
 * The holders that a review asks about, in pages of which each is the input of one activity: of about 2,000 applications.
 * One page without holders.
 *
 * @param inputOf what the activity gets of a holder
 */
export function reviewPages<Holder>(
  holders: readonly Holder[],
  inputOf: (holder: Holder) => unknown,
): readonly (readonly Holder[])[] {
  let page: Holder[] = [];
  const pages = [page];
  let bytes = 0;
  for (const holder of holders) {
    // With its comma.
    const size = jsonBytes(inputOf(holder)) + 1;
    if (page.length > 0 && bytes + size > PAGE_LIMIT) {
      page = [];
      pages.push(page);
      bytes = 0;
    }
    page.push(holder);
    bytes += size;
  }
  // Histories of before the patch have all holders in one activity.
  return pages.length > 1 && !patched('review-pages') ? [holders] : pages;
}
