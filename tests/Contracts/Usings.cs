global using TypedShm.TestKit;
global using Xunit;

// Tests count the descriptors and mappings of the whole process, so one runs at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
