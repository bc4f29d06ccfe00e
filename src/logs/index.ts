export type { ArchiveStore, ReadOptions, StoredObject } from './archive-store.ts';
export { ArchivedLogs } from '../manifest/run-settings.ts';
export { AttemptLogs, type AttemptLogsOptions, type LogArchiveOptions } from './attempt-logs.ts';
export { DirectoryStore } from './directory-store.ts';
export type { FollowOptions } from './log-follower.ts';
export { LOG_ARCHIVE_FORM, openLogArchive, readArchiveUrl, type ArchiveLocation } from './open-archive.ts';
export { findExecutors, findLog, LogNotFoundError, LogSource } from './find-log.ts';
export type { FindLogOptions, FoundLog, LogSources, LogTarget } from './find-log.ts';
export type { LoggedContainer } from './layout.ts';
