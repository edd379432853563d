using Hashing;

// Without arguments this program is the reader, and starts itself three more times, as the producers.
return args switch
{
    [] => Consumer.Run(),
    ["hash", string name, string folder, string index, string count] =>
        Producer.Run(name, folder, int.Parse(index, null), int.Parse(count, null)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Queue                                   a reader and three producers, which hash the files of the .NET SDK; one of them is killed
        Queue hash NAME FOLDER INDEX COUNT      a producer, which hashes every COUNTth file of the folder, from file INDEX on
        """);
    return 2;
}
