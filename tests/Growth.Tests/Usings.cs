global using TypedShm.TestKit;
global using Xunit;
