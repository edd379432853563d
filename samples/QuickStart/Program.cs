using QuickStart;

// Without arguments this program is the writer, which starts the program a second time, as the reader.
return args is ["read", string name] ? Reader.Run(name) : Writer.Run();
