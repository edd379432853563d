global using TypedShm.TestKit;
