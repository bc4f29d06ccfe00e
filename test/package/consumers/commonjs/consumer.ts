// A project of CommonJS that uses every entry point.
import { SparkClient, type SparkApplicationManifest, type SparkApplicationResult } from 'temporal-spark';
import { createSparkActivities } from 'temporal-spark/activities';
import { SparkClient as SameClient } from 'temporal-spark/client';
import { NativeSubmitter, type SparkApplicationSubmitter } from 'temporal-spark/submitters';
import { submitterConformance } from 'temporal-spark/testing';
import { SparkPlugin } from 'temporal-spark/worker';
import { executeSparkApplication, startSparkPipeline, type SparkPipelineChildHandle } from 'temporal-spark/workflow';
import { sparkApplication } from 'temporal-spark/workflow-functions';
import { sparkApplication as sameWorkflow } from 'temporal-spark/workflows';

const submitter: SparkApplicationSubmitter = new NativeSubmitter();
const plugin = new SparkPlugin({ submitter, workflows: true });

export const run = (client: SparkClient, manifest: SparkApplicationManifest): Promise<SparkApplicationResult> =>
  client.start(manifest).then((started) => started.result());
export const functions = [createSparkActivities, executeSparkApplication, startSparkPipeline, submitterConformance];
export const paused = (pipeline: SparkPipelineChildHandle): Promise<void> => pipeline.pause('not yet');
// @ts-expect-error a manifest has a kind
export const wrong: SparkApplicationManifest = { metadata: { name: 'x' } };

void import('temporal-spark').then((asModule) =>
  console.log(
    JSON.stringify([
      plugin.name,
      SparkClient === SameClient,
      Object.is(SparkClient, asModule.SparkClient),
      sparkApplication === sameWorkflow,
    ]),
  ),
);
