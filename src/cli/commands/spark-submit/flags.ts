import { Option, type Command } from 'commander';
import {
  ineffectiveFlags,
  otherActions,
  sparkSubmitFlags,
  type IneffectiveFlagName,
  type OtherActionName,
  type SparkSubmitCommandLine,
  type SparkSubmitFlagName,
} from '../../../spark/spark-submit-cli/flags.ts';
import { repeated } from '../../flags.ts';

/** Adds the flags of spark-submit; everything from the application on belongs to the application. */
export function addSparkSubmitFlags(command: Command): Command {
  command
    .argument('[application]', 'Jar, Python or R file: local:// in the image, or a remote URI')
    .argument('[arguments...]', 'Arguments of the application')
    .passThroughOptions();
  for (const [name, { value, description }] of Object.entries(sparkSubmitFlags)) {
    command.option(`--${name} <${value}>`, description);
  }
  for (const [name, value] of Object.entries(ineffectiveFlags)) {
    command.addOption(new Option(value === undefined ? `--${name}` : `--${name} <${value}>`).hideHelp());
  }
  for (const name of Object.keys(otherActions)) command.addOption(new Option(`--${name} <id>`).hideHelp());
  return command
    .option('-c, --conf <key=value>', 'Spark property; may be repeated', repeated)
    .option('--properties-file <file>', 'Spark properties; --conf and flags take precedence')
    .option('--load-spark-defaults', 'Also read spark-defaults.conf of SPARK_CONF_DIR (or SPARK_HOME/conf)')
    .option('-v, --verbose', 'Also print the SparkApplication, on standard error');
}

/** The parsed command line. */
export function sparkSubmitCommandLine(command: Command): SparkSubmitCommandLine {
  const values = command.opts<Record<string, string | undefined>>();
  const given = <T extends string>(flags: Readonly<Record<T, unknown>>): [T, string][] =>
    (Object.keys(flags) as T[]).flatMap((name): [T, string][] => {
      const value = values[command.options.find((option) => option.name() === name)!.attributeName()];
      return value === undefined ? [] : [[name, value]];
    });
  const names = <T extends string>(flags: Readonly<Record<T, unknown>>) => given<T>(flags).map(([name]) => name);
  const {
    conf = [],
    propertiesFile,
    loadSparkDefaults,
  } = command.opts<{
    conf?: string[];
    propertiesFile?: string;
    loadSparkDefaults?: true;
  }>();
  const [resource, ...rest] = command.args;
  return {
    flags: Object.fromEntries(given<SparkSubmitFlagName>(sparkSubmitFlags)),
    conf,
    ...(propertiesFile !== undefined && { propertiesFile }),
    ...(loadSparkDefaults !== undefined && { loadSparkDefaults }),
    ineffective: names<IneffectiveFlagName>(ineffectiveFlags),
    otherActions: names<OtherActionName>(otherActions),
    ...(resource !== undefined && { resource }),
    arguments: rest,
  };
}
