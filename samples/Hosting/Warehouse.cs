using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TypedShm;
using TypedShm.Hosting;

namespace Shop;

/// <summary>The service that knows the prices and takes the orders.</summary>
internal static partial class Warehouse
{
    public static void Configure(IServiceCollection services) => services
        .AddSharedCallServer<Inquiry, Price>("prices")
        .AddSharedQueueReader<Order>("orders")
        .AddHostedService<Prices>()
        .AddHostedService<Orders>();

    private sealed class Prices([FromKeyedServices("prices")] IHostedEnd<SharedCallServer<Inquiry, Price>> server)
        : SharedCallService<Inquiry, Price>(server)
    {
        protected override ValueTask<Price> HandleAsync(AsyncCall<Inquiry, Price> incoming, CancellationToken cancellationToken) =>
            new(new Price { Euro = 10 + incoming.Request.Article });
    }

    private sealed partial class Orders([FromKeyedServices("orders")] IHostedEnd<SharedQueueReader<Order>> orders, ILogger<Orders> logger)
        : SharedMessageConsumer<Order>(orders)
    {
        protected override ValueTask HandleAsync(Order message, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
        {
            Ordered(logger, message.Article, message.Euro);
            return ValueTask.CompletedTask;
        }

        [LoggerMessage(1, LogLevel.Information, "Ordered: article {Article} for {Euro} euro.")]
        private static partial void Ordered(ILogger logger, long article, double euro);
    }
}
