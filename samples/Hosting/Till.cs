using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TypedShm;
using TypedShm.Hosting;

namespace Shop;

/// <summary>The service that asks for prices and places orders. It starts without the other one, and waits for it.</summary>
internal static class Till
{
    /// <summary>The activities of a sale: its call and its order, on both sides, are parts of it.</summary>
    public static ActivitySource Activities { get; } = new("Shop");

    public static void Configure(IServiceCollection services) => services
        .AddSharedCallClient<Inquiry, Price>("prices")
        .AddSharedQueueWriter<Order>("orders")
        .AddHostedService<Customer>();

    private sealed class Customer(
        [FromKeyedServices("prices")] IHostedEnd<SharedCallClient<Inquiry, Price>> prices,
        [FromKeyedServices("orders")] IHostedEnd<SharedQueueWriter<Order>> orders,
        IHostApplicationLifetime lifetime) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            for (int article = 1; article <= 3; article++)
            {
                using Activity? sale = Activities.StartActivity("sell");
                Price price = await prices.Value.CallTracedAsync(new Inquiry { Article = article }, stoppingToken);
                await orders.Value.WriteAsync(
                    new Order { Article = article, Euro = price.Euro, Trace = TraceContext.Current }, stoppingToken);
            }

            lifetime.StopApplication();
        }
    }
}
