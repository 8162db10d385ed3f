export default {
  // dist-* are private builds beside dist; `npm test` selects dist alone.
  files: ['dist{,-*}/test/**/*.test.js'],
  // Tests start clusters of several processes each: two files at a time keep a small machine responsive.
  concurrency: 2,
  timeout: '2m',
  // Processes, not threads: native addons, signals and process.exit belong to the process under test.
  workerThreads: false,
  nodeArguments: ['--enable-source-maps'],
};
