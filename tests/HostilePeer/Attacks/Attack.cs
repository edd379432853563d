namespace TypedShm.HostilePeer.Attacks;

/// <summary>One kind of hostile input. Which of all that the kind has comes from the random numbers of the input alone.</summary>
internal abstract class Attack
{
    /// <summary>What <c>--only</c> knows it by.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, for <c>--list</c>.</summary>
    public abstract string What { get; }

    /// <summary>How often it comes, compared with others: those that take long come seldom.</summary>
    public virtual int Weight => 10;

    public abstract void Run(Input input);

    public static Attack[] All { get; } =
    [
        new HelloAttack(), new AttachAttack(), new CountAttack(), new RegionAttack(), new FlippingRegionAttack(), new SilenceAttack(),
        new FloodAttack(), new InFlightAttack(), new TwinsAttack(), new LeavingAttack(), new PacketAttack(), new ParkingAttack(),
        new WordsAttack(), new RuleAttack(), new CallAttack(), new FellowAttack(), new StrangerAttack(), new MuteAttack(),
        new WelcomeAttack(), new ReadyAttack(), new RefuseAttack(), new ServerRegionAttack(), new FlippingServerAttack(),
        new ParametersAttack(), new LeavingServerAttack(), new ServerWordsAttack(), new MuteServerAttack(),
    ];
}
