/** What stands for the primary resource where there is none: the main class is in the image. Spark's word. */
export const NO_RESOURCE = 'spark-internal';
